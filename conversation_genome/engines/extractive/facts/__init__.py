"""Facts: how what people say of themselves is found in each language; nothing here knows a conversation."""
