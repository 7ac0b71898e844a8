"""What if: one package of measures against another, health beside economy, and what comes first."""
