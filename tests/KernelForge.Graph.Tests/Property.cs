using FsCheck;
using FsCheck.Fluent;

namespace KernelForge.Graph.Tests;

/// <summary>Random tests that draw the same cases in every run.</summary>
internal static class Property
{
    public static void Holds<T>(Gen<T> values, Action<T> check, int cases = 200)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(7_351, 9_221);
        Prop.ForAll(values.ToArbitrary(), value =>
        {
            check(value);
            return true;
        }).Check(config);
    }
}
