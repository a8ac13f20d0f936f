// Starts `mkosi lsp` for configuration files of mkosi.

const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const command = workspace.getConfiguration("mkosi").get("command");
  client = new LanguageClient("mkosi", "mkosi", { command, args: ["lsp"] }, { documentSelector: [{ scheme: "file", language: "mkosi" }] });
  await client.start();
};

exports.deactivate = () => client?.stop();
