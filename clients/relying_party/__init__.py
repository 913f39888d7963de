"""What every relying party needs: sign-in, sessions, tokens, sign-out both ways, pages."""
