using System.Diagnostics;
using KernelForge.Chat;
using KernelForge.Terminal;

var start = Stopwatch.GetTimestamp();
PrintableWriter.Install();
return ChatCommand.Run(args, start, SmolLM2.Load);
