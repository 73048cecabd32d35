using System.Globalization;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Gives calls whose steps and tensors have the same form one kind: one method for all equal layers.</summary>
internal static class GroupLayers
{
    public static Plan Run(Plan plan)
    {
        var kinds = new List<StepKind>();
        var forms = new List<(EquatableArray<Step> Steps, EquatableArray<PackedTensor> Tensors)>();
        var calls = new List<Call>();
        foreach (var call in plan.Calls)
        {
            var kind = plan.Kinds[call.Kind];
            var form = (kind.Steps, Form(plan.Blocks[call.Block].Tensors));
            var found = forms.FindIndex(other => other.Steps == form.Steps && other.Tensors == form.Item2);
            if (found < 0)
            {
                found = forms.Count;
                forms.Add(form);
                kinds.Add(kind);
            }

            calls.Add(call with { Kind = found });
        }

        return plan with { Kinds = Name(kinds).ToEquatableArray(), Calls = calls.ToEquatableArray() };
    }

    /// <summary>What the steps see of tensors: everything but their place and the names of their sources.</summary>
    private static EquatableArray<PackedTensor> Form(EquatableArray<PackedTensor> tensors) =>
        tensors.Select(tensor => tensor with
        {
            Offset = 0,
            Parts = tensor.Parts.Select(part => part with { Tensor = string.Empty }).ToEquatableArray(),
        }).ToEquatableArray();

    private static IEnumerable<StepKind> Name(List<StepKind> kinds)
    {
        string Word(StepKind kind) => kind.Name.Split(' ')[0];
        return kinds.Select(kind =>
        {
            var alike = kinds.FindAll(other => Word(other) == Word(kind));
            return kind with { Name = Word(kind) + (alike.Count == 1 ? string.Empty : (alike.IndexOf(kind) + 1).ToString(CultureInfo.InvariantCulture)) };
        });
    }
}
