namespace KernelForge.Generator.Tests.Specialization;

/// <summary>What is outside the language is an error at its place.</summary>
public class TemplateLanguageAnalyzerTests
{
    [Theory]
    [InlineData("public static void F() { try { } finally { } }", "KFT0001 1: try { } finally { }")]
    [InlineData("public static void F() { Func<int> f = () => 1; }", "KFT0001 1: () => 1")]
    [InlineData("public static int F() { var p = stackalloc int[3]; return p[0]; }", "KFT0001 1: stackalloc int[3]")]
    [InlineData("public static int F(int[] x) { return 0; }", "KFT0001 1: int[]")]
    [InlineData("public static int F(int x) { foreach (var c in new Span<int>(&x, 1)) { } return 0; }", "KFT0001 1: new Span<int>(&x, 1)")]
    [InlineData("public static int F(int n) { var s = 0; foreach (var i in Unroll.Range(n)) s += i; return s; }", "KFT0002 1: n")]
    [InlineData("public static int F(int n) { switch (n) { case 1: return 2; default: return 3; } }", "KFT0002 1: n")]
    [InlineData("public static int F(int n) { return G(n); } static int G([Constant] int n) => n;", "KFT0002 1: n")]
    [InlineData("public static int F(int n) { var r = new Registers<int>(3); return r[n]; }", "KFT0002 1: n")]
    [InlineData("public static int F() { var n = 3; n++; var r = new Registers<int>(n); return r[0]; }", "KFT0002 1: n")]
    [InlineData("public static int F() { return 0; } public static int F(int x) { return 0; }", "KFT0003 1: F")]
    [InlineData("public static T F<T>(T x) { return x; }", "KFT0003 1: F")]
    [InlineData("static int x;", "KFT0003 1: static int x;")]
    [InlineData("public static void F(ref int x) { x = 1; }", "KFT0004 1: x")]
    [InlineData("public static void F(int x = 1) { }", "KFT0004 1: x")]
    [InlineData("public static void F([Constant] float x) { }", "KFT0004 1: x")]
    [InlineData("public static void F([Constant] int x) { x++; }", "KFT0004 1: x")]
    [InlineData("public static void F(Registers<int> x) { }", "KFT0004 1: x")]
    [InlineData("public static void F() { var r = new Registers<int>(3); var s = r; }", "KFT0005 1: s")]
    [InlineData("public static int F(ref Registers<int> x) { return 1; }", "KFT0006 1: F")]
    [InlineData("public static void F(ref Registers<int> x) { if (x[0] > 1) return; }", "KFT0006 1: F")]
    [InlineData("public static void F(int x) { x.CompareTo(1); }", "KFT0007 1: x.CompareTo")]
    [InlineData("public static void F() { var X = 1; }", "KFT0008 1: X")]
    [InlineData("public static int F(int x) { return G(x); } public static int G(int x) { return F(x); }", "KFT0009 1: F|KFT0009 1: G")]
    [InlineData("public static void F(int x) { foreach (var i in Unroll.Range(3)) { if (x == i) break; } }", "KFT0010 1: break;")]
    [InlineData("public static void F([Constant] int n, int x) { switch (n) { case 1: if (x > 1) break; x = 2; break; } }", "KFT0010 1: break;")]
    public void Outside_the_language(string members, string expected) => Errors(members).ShouldBe(expected.Split('|'));

    [Fact]
    public void Breaks_that_stay_inside_what_disappears_are_fine() => Errors(
        "public static void F([Constant] int n, int x) { foreach (var i in Unroll.Range(n)) { while (true) { if (x > i) break; x++; continue; } switch (n) { case 1: x = 2; break; } } }").ShouldBeEmpty();

    [Fact]
    public void A_template_class_is_static_and_whole() =>
        SpecializedCode.Errors("[KernelTemplate] public static unsafe partial class T { public static void F() { } }").ShouldBe(["KFT0003 1: T"]);

    private static IReadOnlyList<string> Errors(string members) => SpecializedCode.Errors($"[KernelTemplate] public static unsafe class T {{ {members} }}");
}
