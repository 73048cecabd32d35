using KernelForge.Generator.Specialization;
namespace KernelForge.Generator.Tests.Specialization;
public class Smoke
{
    [Fact]
    public void Real()
    {
        var s = new Specializer(TemplateLibrary.Default, SimdKind.Portable);
        s.Request("MatMulInt.Run", "Gemm", SpecializedCode.Constants("layout=Int4Minimum, tokenTile=4"), "ResidualEpilogue");
        s.Request("MatMulInt.Run", "Gemv", SpecializedCode.Constants("layout=Int8, tokenTile=1"), "ResidualEpilogue");
        var text = s.Render();
        File.WriteAllText("/tmp/S.cs", text);
        SpecializedCode.CompileMembers(text);
    }
}
