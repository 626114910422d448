"""When features are computed in strips, and how large these are; nothing here needs torch."""

STRIP_BYTES = 2**21
"""Size of a strip of one view's features that a CPU's second and third level cache hold well."""

WHOLE_BYTES = 2**24
"""Size up to which features are computed as a whole: they fit the cache as they are."""
