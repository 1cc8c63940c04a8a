"""The format of a `.wandb` file: blocks, chunks, records and protobuf messages, whatever they say."""
