"""Where a claim begins to hold: every threshold of the claims, chosen before the runs were made."""

RECOGNIZED, CHANCE = 50, 20  # percent of patches: from here on they are recognized; up to here they are not
FITTED = 80  # percent of training images or patches: from here on they count as fitted
FITS_ALL = 95  # percent of training images: a network has fitted its training set
SOON = 90  # percent of training images or patches, for the question how soon they are fitted
GENERALIZES = 80  # percent of test images or patches
HALF = 0.5  # share of a gap
RATIO = 1.4  # error on P of S over that of L-S: from here on the gap counts
AHEAD = 5  # points of accuracy: from here on a run is clearly ahead of another; within them they are alike
FIRST = 10  # points of a share of examples, for the question what was learned first
SAME = 1e-3  # total variation: below it two solutions count as the same function
APART = 0.01  # total variation: from here on two solutions differ clearly
