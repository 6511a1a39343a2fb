"""The composition root: one `Ports` class per context over one `Runtime`, each port opened on first use.

This is the only package that names adapters. Heavy adapters are imported inside the property that opens
them, so that a function loads only what it uses; a module that would bring a package which some function
of the context may not carry is a module of its own (see `tests/packaging`).
"""
