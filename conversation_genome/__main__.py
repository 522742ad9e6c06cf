"""`python -m conversation_genome` is `cgp`."""

from conversation_genome.cli import main

if __name__ == "__main__":
    main()
