using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using KernelForge.Fuzz;

return new FuzzOptions().Create(Run).Parse(args).Invoke();

static int Run(FuzzRequest request)
{
    if (request.Target == "all")
    {
        var names = FuzzTargets.Names.ToList();
        return names.Max(name => Run(request with { Target = name, Time = request.Time / names.Count }));
    }

    if (request.AddressSpace > 0)
        return LimitedChild.Run(request);
    var folder = Scratch();
    try
    {
        var target = FuzzTargets.Create(request.Target, folder);
        return request.Reproduce is { } find ? Reproduce(target, find) : Fuzz(target, request);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static int Fuzz(FuzzTarget target, FuzzRequest request)
{
    const int mostFinds = 10;
    var loop = new FuzzLoop(target, FuzzTargets.Corpus, request.Seed);
    using var watchdog = new Watchdog(request.Progress);
    watchdog.Watch(iteration => new Find(target.Name, request.Seed, iteration, [], "").Reproduction);
    var start = Stopwatch.GetTimestamp();
    var finds = 0;
    foreach (var find in loop.Run(request.Time, request.Iterations, watchdog.Begin, request.Grow is { } grow ? input => Keep(Path.Combine(grow, target.Name), input) : null))
    {
        Console.Error.WriteLine($"FOUND: {find.Reproduction}\n{find.Fault}");
        if (++finds == mostFinds)
            break;
    }

    var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
    Console.WriteLine($"{target.Name,-12} seed {request.Seed}: {loop.Executions:N0} inputs in {elapsed:F0} s, {loop.Accepted:N0} accepted, {loop.Outcomes:N0} different answers, {finds} finds");
    return finds > 0 ? 1 : 0;
}

static int Reproduce(FuzzTarget target, string find)
{
    var (seed, iteration) = find.Split(':') is [var first, var second] ? (int.Parse(first, CultureInfo.InvariantCulture), long.Parse(second, CultureInfo.InvariantCulture)) : throw new ArgumentException($"'{find}' is not SEED:ITERATION.");
    var loop = new FuzzLoop(target, FuzzTargets.Corpus, seed);
    var input = loop.Input(iteration);
    var path = Path.Combine(Path.GetTempPath(), $"{target.Name}-{seed}-{iteration}.bin");
    File.WriteAllBytes(path, input);
    Console.WriteLine($"{path}: {input.Length:N0} bytes");
    var (fault, outcome) = loop.Try(input);
    Console.WriteLine(fault ?? outcome);
    return fault is null ? 0 : 1;
}

// Files are written for every input: to memory, where the system has files there.
static string Scratch()
{
    const string memory = "/dev/shm";
    return Directory.Exists(memory)
        ? Directory.CreateDirectory(Path.Combine(memory, $"kernelforge-fuzz-{Guid.NewGuid():N}")).FullName
        : Directory.CreateTempSubdirectory("kernelforge-fuzz-").FullName;
}

// Small inputs only: the corpus lies in the repository.
static void Keep(string folder, byte[] input)
{
    const int longest = 1024;
    if (input.Length > longest)
        return;
    Directory.CreateDirectory(folder);
    File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..12]), input);
}
