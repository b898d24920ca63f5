"""Reading contract files: YAML to contract, with every error in place; and writing them out."""
