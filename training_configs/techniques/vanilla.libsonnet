{ regularizers:: [] }
