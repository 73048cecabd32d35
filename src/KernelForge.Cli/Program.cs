using System.Text;
using KernelForge.Cli;
using KernelForge.Terminal;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
PrintableWriter.Install();
return CommandLine.Run(args);
