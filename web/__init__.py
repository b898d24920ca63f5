"""What listens: the Slack receiver, and the pages behind signed links. All through the desk."""
