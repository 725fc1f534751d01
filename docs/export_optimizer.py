"""What PyTorch's Adam, AdamW or SGD remembers, as a file for tarn_nn_load_optim()."""
import torch
from safetensors.torch import save_file

LAYOUT = "images NCHW, convolution weights OIHW, transposed IOHW, linear weights (out, in)"


def export_optimizer(model, optimizer, path):
    tensors = {}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            if value is not None:
                tensors[f"{name}:{key}"] = torch.tensor(int(value)) if key == "step" else value.contiguous()
    about = {"optimizer": type(optimizer).__name__, "layout": LAYOUT}
    if "dampening" in optimizer.defaults:
        (about["dampening"],) = {str(group["dampening"]) for group in optimizer.param_groups}
    save_file(tensors, path, metadata=about)
