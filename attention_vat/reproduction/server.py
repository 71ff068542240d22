"""
What the process that runs are forked from imports, so that they need not: ten seconds for the libraries, and four more
for the parts of torch that the first optimizer asks for.
"""

import torch

torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
