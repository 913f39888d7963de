"""The portal of the Ministry of Natural Resources and Environment: citizens follow dossiers, officers process them."""
