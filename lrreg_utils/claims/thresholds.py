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
NEAR_BEST = 2  # points of test accuracy: a setting is as good as the best one
OVERLAP = 85  # percent of epochs: two number formats learn the same
NOISIER, NOISIER_THAN_PATCH = 2, 3  # times: noise at the large rate over that at the small one
WITHIN = 0.05  # share by which a simulation may be off its formula
RIPPLE_SEEN, RIPPLE_LOST = 0.8, 0.1  # mean cosine: above, a parameter fits the ripple; below, it does not
CAPPED = 55  # percent: the ceiling of linear rules on both points of ten classes, (K + 1) / 2K
CLEARLY = 10  # points by which one accuracy is clearly ahead of another
