#!/usr/bin/env python3
"""`wandb-plot compare`, under its name in the skill."""

from bootstrap import run_command

if __name__ == "__main__":
    run_command("compare")
