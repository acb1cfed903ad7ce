"""What networks see: data sets, folders of images, and the patches written on them."""
