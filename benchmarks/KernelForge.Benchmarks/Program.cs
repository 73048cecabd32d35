using BenchmarkDotNet.Running;
using KernelForge.Benchmarks;

// Everything but --quick goes to BenchmarkDotNet, e.g. --filter *MatrixVector*.
var quick = args.Contains("--quick", StringComparer.Ordinal);
string[] rest = [.. args.Where(argument => argument != "--quick")];
if (rest.Length == 0)
{
    rest = ["--filter", "*"];
}

var roofs = Roofs.Measure();
Console.WriteLine(roofs);
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Roofs).Assembly).Run(rest, KernelConfig.Create(quick, roofs));
return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
