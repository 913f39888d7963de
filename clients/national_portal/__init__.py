"""The national public-service portal: the front door, where citizens file dossiers and see what becomes of them."""
