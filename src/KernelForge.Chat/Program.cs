using System.Diagnostics;
using KernelForge.Chat;

var start = Stopwatch.GetTimestamp();
return ChatCommand.Run(args, start, SmolLM2.Load);
