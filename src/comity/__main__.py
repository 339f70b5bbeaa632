"""`python -m comity` is the `comity` command."""

from comity.app.program import main

if __name__ == "__main__":
    main()
