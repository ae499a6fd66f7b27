"""Short stories with a question: twenty kinds of reasoning, each in a world that knows the answer."""
