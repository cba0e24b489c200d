"""Takes the place of the package llmlingua 0.2.2: the same class and parameters, over the engine of this package.

Example:
    >>> from lingua_shared.compat import PromptCompressor
    >>> PromptCompressor("smollm2-135m").compress_prompt("Short enough.", rate=1)["compressed_prompt"]
    'Short enough.'
"""

from lingua_shared.compat.compressor import PromptCompressor

__all__ = ["PromptCompressor"]
