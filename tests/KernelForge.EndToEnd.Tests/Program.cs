using System.Globalization;
using KernelForge.Reference.RandomGraphs;

namespace KernelForge.EndToEnd.Tests;

/// <summary><c>--fuzz COUNT [SEED]</c>: generated code against the contract interpreter on at least so many random graphs, in batches from a seed on.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not ["--fuzz", var text, .. var rest] || !int.TryParse(text, out var count) || rest is not ([] or [_]))
        {
            Console.Error.WriteLine("Usage: --fuzz COUNT [SEED]. The tests themselves run with dotnet test.");
            return 2;
        }

        var seed = rest is [var first] ? int.Parse(first, CultureInfo.InvariantCulture) : 1000;
        var differences = 0;
        for (var done = 0; done < count; done += RandomGraphTests.Size, seed++)
        {
            using var compiled = new CompiledBatch(RandomBatch.Create(seed, RandomGraphTests.Size));
            foreach (var difference in compiled.Differences())
            {
                differences++;
                Console.WriteLine(difference);
            }

            Console.Error.WriteLine($"{done + RandomGraphTests.Size} graphs, {differences} differences, last batch {seed}");
        }

        return differences == 0 ? 0 : 1;
    }
}
