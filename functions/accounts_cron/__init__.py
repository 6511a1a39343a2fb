"""The round over people's papers."""
