@echo off
rem The code-mode command in VS Code terminals: runs on the Node that VS Code itself brings.
setlocal
set ELECTRON_RUN_AS_NODE=1
if not defined CODE_MODE_NODE set CODE_MODE_NODE=node
"%CODE_MODE_NODE%" "%~dp0..\cli.js" %*
