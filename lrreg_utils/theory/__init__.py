"""The paper's two-layer model, at finite and at infinite width."""
