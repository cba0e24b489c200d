"""The models behind the scores. Imported on first use only: everything here may import torch."""
