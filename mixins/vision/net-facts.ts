/** What stands for the net's features in `head.json`: a change of net, layers or scaling needs a new head. */
export const NET_ID = "nsfwjs-4.3.0/mobilenet_v2_mid/means-of-conv13+conv16+conv1";

/** Length of the feature vector: the means of three layers, from texture (so material) to shape. */
export const FEATURES = 816 + 1344 + 1792;
