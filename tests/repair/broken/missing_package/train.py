"""It needs a package that nobody installed."""

import umap

print(umap.UMAP)
