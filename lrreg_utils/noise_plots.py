"""Figures of noise: one parameter's, the pre-activations', and what a noisy network fits. No torch."""
