"""The real small model against figures that llmlingua 0.2.2 computed with the same weights, in float32.

`golden/reference_token_losses.json` holds the token losses of a text of our own, made in the reference's environment
by `tests/golden/make_reference.py`.
"""
