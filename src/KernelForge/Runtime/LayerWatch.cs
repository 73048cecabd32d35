using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>
/// Finds the layer that first gives a value that is not finite. It is there only while a pass is run again because its logits were no numbers; generated code
/// asks it after each layer.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class LayerWatch
{
    /// <summary>The layer, or null where there was none yet.</summary>
    public string? Layer { get; private set; }

    /// <summary>Position of the first token that it spoiled, in its own sequence.</summary>
    public int Position { get; private set; }

    /// <summary>Looks at what a layer left. Every worker calls it.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="worker">The caller.</param>
    /// <param name="name">Name of the layer, without its number.</param>
    /// <param name="number">Its number; -1: it has none.</param>
    /// <param name="offsetPerToken">Where the rows that it wrote last are in the workspace (<see cref="ForwardPass.Workspace"/>).</param>
    /// <param name="rowBytes">Bytes from one row to the next.</param>
    /// <param name="width">Values of a row.</param>
    public void After(ForwardPass pass, int worker, string name, nint number, nint offsetPerToken, nint rowBytes, int width)
    {
        pass.Team.Barrier(worker);
        if (worker == 0 && Layer is null)
            Look(pass, name, number, pass.Workspace + (pass.Capacity * offsetPerToken), rowBytes, width);
        pass.Team.Barrier(worker);
    }

    private void Look(ForwardPass pass, string name, nint number, byte* rows, nint rowBytes, int width)
    {
        for (nint row = 0; row < pass.Tokens; row++)
        {
            if (FiniteNumbers.All(new ReadOnlySpan<float>(rows + (row * rowBytes), width)))
                continue;
            Layer = number < 0 ? name : $"{name} {number}";
            Position = pass.Positions[row];
            return;
        }
    }
}
