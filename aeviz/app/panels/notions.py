"""Short answers where a page's questions arise: a question that opens its answer by a click, a touch or a key.

What belongs to a whole page stands below it, as `shell.explain` shows it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from aeviz.app import formulas, shell


@dataclass(frozen=True)
class Notion:
    """A question, and its answer: Markdown with LaTeX as `formulas.markdown` reads it, with blanks for `Words.fill`."""

    question: str
    answer: str


METHODS: Mapping[str, Notion] = {
    "code": Notion(
        "What does this map show?",
        "The codes themselves: a code of two numbers is a place. Distances are those of the latent space.",
    ),
    "pca": Notion(
        "What does PCA show?",
        """
**PCA** (principal component analysis) turns the cloud of codes and looks at it from its widest side. Distances are true
along the two directions shown and lost along the others.
""",
    ),
    "tsne": Notion(
        "What does t-SNE show?",
        """
**t-SNE** moves points until near neighbours in the code are near on the map; the *perplexity* is about how many
neighbours count. Sizes of clusters and gaps between them say little.
""",
    ),
    "umap": Notion(
        "What does UMAP show?",
        """
**UMAP** joins each point with its nearest *neighbours* (`n_neighbors`) and lays this graph out flat; the *least
distance* (`min_dist`) is how tightly points may pack. Sizes of clusters and gaps between them say little.
""",
    ),
}
PRIOR = Notion(
    "Why do a VAE's clouds crowd together?",
    r"""
An autoencoder may put its codes anywhere. A VAE is penalised for every cloud that strays from the prior
$\mathcal N(0, I)$,

$$-\mathrm{ELBO}(x) = \underbrace{\mathbb E_{q(z|x)}[-\log p(x|z)]}_{\text{reconstruction}}
 + \underbrace{\mathrm{KL}\big(q(z|x)\,\|\,\mathcal N(0, I)\big)}_{\text{how far from the prior}},$$

so its clouds crowd round the origin and overlap.
""",
)
KNOBS = Notion(
    "Why has each model its own knobs?",
    r"""
Coordinate 3 of one network has nothing to do with coordinate 3 of another: a network may turn and mix its axes as it
likes. Each has its own, in the order of how much they matter: by the spread of the codes for an autoencoder, by
$\mathrm{KL}(q(z_i|x)\,\|\,\mathcal N(0,1))$, averaged over the test split, for a VAE. A coordinate with a KL near 0
carries nothing: turning it changes nothing (*posterior collapse*).

**Principal directions** are the axes along which the codes of the test split spread most. Where a code is a **map**,
each of its numbers speaks of one place alone, and a direction moves them all: it is fitted to the [[plural]] at hand.
""",
)
RANDOM_CODES = Notion(
    "Why do a VAE's random codes look more like real items?",
    r"""
A **random code** is drawn (a *sample*) from $\mathcal N(0, I)$. The VAE was trained to fill that region, so most draws
decode to a plausible [[noun]]. The AE was never asked to, so the same draws often fall where no [[noun]] was ever
encoded.
""",
)
PATHS = Notion(
    "Straight or spherical?",
    r"""
The **straight line** between two codes is $z(t) = (1 - t)\,z_A + t\,z_B$; the **spherical** path turns the direction
$u = z / |z|$ at constant angle,

$$u(t) = \frac{\sin((1-t)\,\omega)}{\sin\omega}\,u_A + \frac{\sin(t\,\omega)}{\sin\omega}\,u_B,$$

and its length goes evenly from $|z_A|$ to $|z_B|$: Gaussian codes of many coordinates lie near a shell of radius
$\sqrt d$, and a straight line cuts through its empty middle (White 2016).
""",
)
CROSS_FADE = Notion(
    "What is a good path, and what is the cross-fade?",
    """
The **cross-fade** mixes [[values]]: half-way it shows both [[plural]] at half strength. A good latent space shows a
plausible [[noun]] at every step instead. The codes used are the means of the posteriors, nothing is sampled.
""",
)
TEMPERATURE = Notion(
    "What are the two rows, and the temperature?",
    r"""
A **generator** needs codes to decode. A VAE's training pulls the codes of all items together towards
$\mathcal N(0, I)$, so draws (*samples*) from there, the first row, land where [[plural]] were encoded. Nothing tells an
AE where to put its codes. To be fair to it, the second row draws from **its own cloud**: a Gaussian with the mean
$\bar z$ and the covariance $\Sigma$ of the test split's codes (for a VAE, of one draw from each posterior),

$$z = \bar z + T\,\Sigma^{1/2}\varepsilon, \qquad \varepsilon \sim \mathcal N(0, I).$$

The **temperature** $T$ widens or narrows both ($z = T\varepsilon$ in the first row): towards 0 all draws become the
same typical [[noun]], above 1 they lie farther out than the codes that the decoder was trained on.
""",
)
RADIUS = Notion(
    "How is near an item measured?",
    r"""
$z = \mu(x) + r\,\Sigma^{1/2}u$ with random directions $u$, $|u| = \sqrt d$ ($d$ is the *latent dimension*, how many
numbers a code has). At radius 1 a draw is as far from the item as a typical code is from the middle of all codes.
""",
)
REALISM = Notion(
    "How near to real?",
    """
A small classifier of the data set turns a picture into 64 numbers (its last hidden layer). The **distance to a real
picture** is that of a draw to the nearest of the test split's items, divided by what real items have to *their* nearest
other on average: 1 is as near as real items are to each other. A draw is **unlike any real item** where it is farther
off than 99 % of real items are. Both judge single pictures: a model that paints one good picture again and again looks
well here. The **Fréchet distance** judges as many draws as there are test items as a crowd, variety included.
""",
)
SPREADING = Notion(
    "Why do codes spread, and what holds them?",
    r"""
Before the first step all codes lie on a spot: small random weights tell no item from another. An **AE** is
penalised only for its reconstructions. Codes that lie farther apart are easier to tell apart, and nothing holds them
back: they spread. A **VAE** is penalised for distance too, through

$$\mathrm{KL}\big(q(z \mid x)\,\|\,\mathcal N(0, I)\big)
= \tfrac12 \sum_i \big(\mu_i^2 + \sigma_i^2 - 1 - \log\sigma_i^2\big),$$

so its codes settle near where the prior has them: in $d$ dimensions, $d$ being the *latent dimension*,
$\mathcal N(0, I)$ spreads by $\sqrt d$, in two by $1.41$.
""",
)
SEPARATION = Notion(
    "What are spread and separation?",
    r"""
**Spread** is $\sqrt{\frac1N\sum_n \|z_n - \bar z\|^2}$. **Separation** is the variance of the classes' means over the
variance within the classes, $\operatorname{tr} S_B / \operatorname{tr} S_W$: it does not change when all codes are
scaled, so it says whether each class draws together *compared with* the distances between classes.
""",
)
NOISE = Notion(
    "What is ε for?",
    r"""
The encoder does not answer with one code but with a Gaussian cloud of codes, the **posterior**
$q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x))$. To train, one code is drawn from it (a *sample*) and
decoded; a code has as many numbers as the *latent dimension*. A draw has no derivative by itself; written as

$$z = \mu + \sigma \odot \varepsilon, \qquad \varepsilon \sim \mathcal N(0, I),$$

all chance is in $\varepsilon$, and gradients flow through $\mu$ and $\sigma$: the **reparameterization trick** (Kingma
and Welling 2014, section 2.4).
""",
)
ELBO = Notion(
    "What are the two terms?",
    r"""
Together they are the negative **ELBO**, a bound on $-\log p(x)$:

$$\underbrace{\mathbb E_{q(z|x)}[-\log p(x|z)]}_{\text{reconstruction}}
+ \beta\,\underbrace{\mathrm{KL}\big(q(z|x)\,\|\,\mathcal N(0,I)\big)}_{\text{how far from the prior}},
\qquad \mathrm{KL} = \sum_i \tfrac12\big(\mu_i^2 + \sigma_i^2 - 1 - \ln\sigma_i^2\big).$$

Both are in nats. A VAE has $\beta = 1$; a larger weight (Higgins et al. 2017) gives round, overlapping clouds and
worse reconstructions.
""",
)
FLOOR = """
For values between 0 and 1 the cross-entropy has a floor above 0: even a perfect copy costs something where it is
neither.
"""  # of the reconstruction, where a model's items are taken for binary ones
BLUR = Notion(
    "Why does it blur?",
    r"""
Where the clouds of several items overlap, one code has to serve them all. The decode of least expected loss is then the
average of those items, each weighted by how densely its cloud covers the code, $q(z|x_i) / \sum_j q(z|x_j)$ (Rezende
and Viola 2018). The page shows that average over the test split; the decoder was fitted to the training split, so the
two need not agree to the [[value]]. "Items that share this code" counts those in it, as the exponential of the entropy
of the weights.
""",
)
SEARCH = Notion(
    "How do networks repair?",
    r"""
A **denoising autoencoder** (DAE, Vincent et al. 2008) is trained on pairs: a corrupted [[noun]] $\tilde x$ goes in, the
clean $x$ must come out. Damage does not fit through a narrow code, so it learns to leave damage out. The AE and the VAE
were never shown any: they clean a little, for the same reason, and go astray when it grows. A DAE **for just this** has
met one kind of damage alone.

**The search** (Bora et al. 2017) encodes nothing: it moves $z$ until the decode agrees with what is *seen* of the
[[noun]], held near the prior,

$$\min_z \; -\log p_\theta(x_{\text{seen}} \mid z) + \tfrac12 \lVert z \rVert^2 .$$
""",
)
THRESHOLD = Notion(
    "What is counted at a threshold?",
    r"""
An item is **flagged** where its score reaches the threshold (Chandola et al. 2009). Unusual items are flagged (*found*)
or pass (*missed*), usual ones are flagged (*false alarms*) or pass. The **ROC** draws the share found over the share of
false alarms as the threshold falls; the **AUROC**, the area under it, is the chance that an unusual item has a larger
score than a usual one: 0.5 is chance, as by a coin (Fawcett 2006). Where the unusual is rare, false alarms outnumber
what is found; **precision**, the share of the flagged that is unusual, over **recall**, the share found, tells that. If
a miss costs $k$ false alarms, the cheapest threshold minimises

$$k \cdot \text{misses} + \text{false alarms}.$$
""",
)
ROUNDING = Notion(
    "How does a network compress?",
    r"""
By rounding: each of the $d$ numbers of a code is written with $b$ bits within a range $[l_i, h_i]$ that nearly all
other codes of the data set lie in,

$$q_i = \operatorname{round}\Big(\frac{z_i - l_i}{h_i - l_i}\,(2^b - 1)\Big), \qquad R = \frac{d\,b}{8}\ \text{bytes}.$$

What the receiver must have is counted too: a file's header with its ranges and, where you ask for it, the decoder's
weights $W$, spread over the $N$ [[plural]] that are stored. Against a codec of $R'$ bytes at the same quality the
network pays from $N = W / (R' - R)$.
""",
)
PROBE = Notion(
    "What does the classifier see, and how is it judged?",
    r"""
A *linear probe* (Alain and Bengio 2016): scikit-learn's logistic regression with its usual penalty, the same for all,
on [[values]] as they are, on their first principal components (as many as the left model's code has numbers), or on the
mean codes of the models. **Accuracy** is the mean over classes: a rare class counts as much as a common one, and chance
is one over their number. Curves are means over repeated draws of the labelled items, bands one standard deviation to
each side.
""",
)
NEIGHBOURS = Notion(
    "Why do neighbours differ?",
    """
By [[values]] two [[plural]] are near where they agree [[value]] by [[value]], however alike they are otherwise. By
codes they are near where a network squeezed them alike. A short code leaves something out; it may have been what tells
two classes apart.
""",
)
CONDITIONAL = Notion(
    "What is a conditional model?",
    r"""
A **conditional VAE** (Sohn et al. 2015) is told the class $y$ of each item, in the encoder and in the decoder:

$$-\log p(x \mid y) \;\le\; \mathbb E_{q(z|x,y)}\big[-\log p(x \mid z, y)\big]
+ \mathrm{KL}\big(q(z|x,y)\,\|\,\mathcal N(0,I)\big).$$

The code need not hold what it is told anyway: what is left for $z$ is the **style**: of handwriting its slant and
thickness, of clothes their brightness and cut. So one code and ten classes give ten [[plural]] in one style.

The bound asks how well [[plural]] are rebuilt, not what is made of codes between theirs: trained by it alone, a decoder
draws other classes there, and blurs.
""",
)
SWEEPS: Mapping[str, Notion] = {
    "bottleneck": Notion(
        "What is compared here?",
        """
PCA is the best *linear* way to write a [[noun]] as $d$ numbers (Eckart and Young 1936; Baldi and Hornik 1989): what an
autoencoder gains over it, it owes to being nonlinear. Its hidden layer has 64 units at every size: a code of 64 is no
bottleneck to it any more.
""",
    ),
    "depth": Notion(
        "What do more layers cost?",
        """
More layers can bend a space more, but here the weights are as many: width is paid for depth. Networks of
several layers start with larger weights, so that signals reach their end (He et al. 2015).
""",
    ),
    "rate": Notion(
        "What are rate and distortion?",
        r"""
A VAE with weight $\beta$ minimises distortion + $\beta$ × rate, where the rate is
$\mathrm{KL}(q(z|x)\,\|\,p(z))$ and the distortion $-\log p(x|z)$ (Higgins et al. 2017; Alemi et al. 2018). Each
$\beta$ is a point of the frontier; where $\beta$ is large, coordinates carry nothing and collapse onto the prior.
""",
    ),
    "losses": Notion(
        "Which loss is right?",
        "Each model is best, or nearly, by the measure that it was trained on; the eye may judge otherwise.",
    ),
    "firing": Notion(
        "What makes units fire seldom?",
        r"""
To the loss is added $\lambda \sum_i |z_i|\,\lVert w_i \rVert$ (after Olshausen and Field 1996; $w_i$ are the weights
that leave unit $i$, lest codes shrink and weights grow): a unit fires only where that lowers the error by more than it
costs. It counts as firing where it is larger than 1 % of the root mean square of all entries of the codes.
""",
    ),
    "motion": Notion(
        "What holds a code still?",
        r"""
To the loss is added $\lambda \sum_i \lVert \partial z_i / \partial x \rVert^2 / \sigma_i^2$, the squared Jacobian
(Rifai et al. 2011) of codes in units of their spread $\sigma_i$, lest they simply shrink. The motion is
$\lVert z(x + \text{noise}) - z(x) \rVert$ over the spread of the codes,
$\sqrt{\operatorname{tr} \operatorname{cov} z}$, averaged over the first 256 items of the test split; noise of seed 0,
clipped to [0, 1] where all values lie within.
""",
    ),
}


def ask(notion: Notion, more: str = "") -> None:
    """A question of the page; a click, a touch or Enter opens its answer. more: stands below the answer."""
    name = re.sub(r"\W+", "-", notion.question.lower()).strip("-")
    with st.popover(notion.question, type="tertiary", icon=":material/help:", key=f"aeviz-ask-{name}"):
        st.markdown(formulas.markdown(shell.filled(f"{notion.answer.strip()}\n\n{more.strip()}".strip())))
