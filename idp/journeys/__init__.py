"""What a person does here: sign in, step up, enrol, agree, sign out."""
