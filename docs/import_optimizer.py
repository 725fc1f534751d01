"""What tarn_nn_save_optim() wrote, for PyTorch's Adam, AdamW or SGD with the numbers that Tarn's had."""
from safetensors import safe_open


def import_optimizer(model, optimizer, path):
    parameters = dict(model.named_parameters())
    with safe_open(path, "pt") as file:
        about = file.metadata()
        dampenings = {float(group["dampening"]) for group in optimizer.param_groups if "dampening" in group}
        if about["optimizer"] != type(optimizer).__name__ or dampenings - {float(about.get("dampening", 0))}:
            raise ValueError(f"{path} is of {about}")
        for name in file.keys():
            parameter, key = name.rsplit(":", 1)
            like, value = parameters[parameter], file.get_tensor(name)
            optimizer.state[like][key] = value.float() if key == "step" else value.to(like)
