"""Firebase Hosting on one port: the pages of the installation, and the API below the same origin."""
