"""What the tables of a study are, in words for its page."""

# Title of each table, and what its columns mean.
TABLE_WORDS = {
    "summary": (
        "Results",
        "A row a grid point: means over repeats and, in brackets, their 95 % intervals. Class "
        "accuracy is the mean over classes of the accuracy of each, and stands here where it is "
        "another; top5 tells how often the class is among the five most probable. Losses are mean "
        "cross-entropies in nats (for the solver ridge, whose scores are no logits, mean squared "
        "errors); calibrated is that on test images after one temperature for all scores of a "
        "repeat, and ece the expected calibration error then: how far, on average, the probability "
        "of the class named is from how often it is right.",
    ),
    "choices": (
        "Choices",
        "For each number of shots the grid points in the order of their accuracy. Behind is how far "
        "one lies behind the best that may be recommended, image by image; among best is 1 for those "
        "that can't be told from it, with all comparisons taken together (Holm); recommended is 1 "
        "for the cheapest of these: the fewest numbers an image, then the shortest forward pass "
        "(seconds an image).",
    ),
    "forecast": (
        "Forecast",
        "What each line of results lets expect at more shots, following from those up to up to. The "
        "band is to hold 95 % of what comes. Gain is the same less what was measured at up to; came "
        "is what was measured there, where the forecast is from half the shots: its back-test.",
    ),
    "wanted": (
        "Wanted accuracy",
        "From how many shots each line should reach it; early and late are where the ends of its "
        "band do. Empty beyond twice the largest number of shots.",
    ),
    "classes": (
        "Classes",
        "With the recommended choice at the most shots: how often the test images of a class are "
        "named rightly, how often its name is right (precision), and the class that it is most "
        "often taken for.",
    ),
    "confusion": (
        "Confusion",
        "How often one class is named another, or itself, with the same choice: judgements over all "
        "repeats, and their share of those of the class.",
    ),
    "contrasts": (
        "Differences",
        "A row a difference of two results: a less b, at what both share, taken image by image (of "
        "losses and epochs draw by draw); its mean and, in brackets, its 95 % interval; p of no "
        "difference, and the same corrected by Holm for all answers to one question, by which this "
        "page judges. Accuracies are fractions, so 0.01 is one point; losses are in nats. Captions "
        "and sentences of this page put these rows into words.",
    ),
    "depth": (
        "Depth",
        "A row a head on a block of a network, numbered from the image on: its accuracy, the numbers "
        "that the block gives of an image, and seconds of the forward pass over all images (which "
        "all layers of the pass share), of compacting the layer, and of training the head in all "
        "repeats, jobs as Snakemake measured them.",
    ),
    "distillation": (
        "Distillation",
        "A row a student and temperature. The lift is the accuracy of the distilled student less "
        "that of the student alone, taken image by image; over labelled is "
        "the same against that layer with as many labels as the teacher had.",
    ),
    "gradients": (
        "Gradient check",
        "Analytic gradients against central differences in float64, on the study's own images: "
        "mean and largest absolute difference. The original had 2.575e-7 and 1.599e-6 for "
        "one matrix of weights, 9.493e-9 and 1.594e-7 for another.",
    ),
    "timings": (
        "Timings",
        "A row a job: wall time in seconds and peak memory in MB, as Snakemake measured them. A "
        "job whose measurement is not there has empty cells.",
    ),
    "costs": (
        "Cost of both approaches",
        "Of one repeat, in seconds. The smallest number of shots pays for the test images; every "
        "larger one for the images that it adds. Summed is over this and all smaller numbers of "
        "shots; times, how many times as long the first head end to end on the same layer takes "
        "for these, and original times, how many times that was in the original.",
    ),
    "comparison": (
        "Comparison",
        "This study beside the original and published numbers. The original is a course report of "
        "2017, of one draw. Brackets are the 95 % interval of this study's means, and the ± that "
        "a publication gives.",
    ),
    "surpassed": (
        "Where published numbers are surpassed",
        "Training images a class from which a line of this study lies above a published accuracy: "
        "by its mean (first), by the lower end of its interval (sure), and interpolated "
        "(crossing); claimed is what the original's text says of its own lines.",
    ),
}
# What the questions of contrasts.csv ask.
QUESTIONS = {
    **dict.fromkeys(
        ("shots", "layer", "temperature"), "the ends of a line of results, and its best with both"
    ),
    **dict.fromkeys(
        ("next shots", "next layer", "next temperature"), "a result with the one before it"
    ),
    "depth": "a block of a network with the last, all blocks taken together",
    "backbone": "the best of all results at the most shots with the best of another network",
    "head": "a head with a penalty with one that descends in epochs, on the same inputs",
    "control": "a network with itself at random weights",
    "approach": "a head end to end with a cached one",
    "epochs": "the same after as many epochs",
    "level": "a head blind to scale, on the softest class probabilities, with itself on a layer "
    "without T",
    "change": "what T changes for a head blind to scale with what it changes at a fixed rate",
    "test loss above guessing": "the last test loss with that of giving each class the same "
    "probability",
    **{
        f"{measure} from its lowest test loss": "the last epoch with that of the lowest test loss"
        for measure in ("test loss", "test accuracy", "train loss")
    },
    "lift": "a distilled student with the same without a teacher",
    "over_labelled": "a distilled student with its layer given as many labels as the teacher had",
    "original": "this study with the original, whose single draw widens the interval",
}
