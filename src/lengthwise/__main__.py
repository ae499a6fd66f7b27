"""`python -m lengthwise`: the same as `lengthwise`."""

from lengthwise.cli import main

if __name__ == "__main__":
    main()
