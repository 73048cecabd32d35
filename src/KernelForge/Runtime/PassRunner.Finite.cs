namespace KernelForge.Runtime;

/// <content>Logits that are no numbers end a session, and the layer that spoiled them is found.</content>
internal sealed unsafe partial class PassRunner
{
    private void RequireFinite(nint row, Session session, ReadOnlySpan<int> tokens, int position)
    {
        var isFinite = _pass.Logits is null
            ? float.IsFinite(_pass.Best[row].Value)
            : FiniteNumbers.All(new ReadOnlySpan<float>(_pass.Logits + (row * _pass.LogitStride), _model.Vocabulary));
        if (isFinite)
            return;
        var watch = FindLayer(session, tokens);
        throw new NonFiniteLogitsException(_model.ClassName, watch.Layer, watch.Layer is null ? position : watch.Position);
    }

    /// <summary>Runs a session and what was to be added again, all from its start, and looks at every layer.</summary>
    private LayerWatch FindLayer(Session session, ReadOnlySpan<int> tokens)
    {
        var watch = new LayerWatch();
        var counts = _pass.ExpertCounts;
        _pass.Watch = watch;
        _pass.ExpertCounts = null; // these tokens were counted when they came
        try
        {
            FindIn(watch, session, 0, session.Tokens);
            FindIn(watch, session, session.Length, tokens);
        }
        catch (SessionMemoryException)
        {
            // Pages that are shared with another session cannot be written again without a copy: then the layer stays unknown.
        }
        finally
        {
            _pass.Watch = null;
            _pass.ExpertCounts = counts;
        }
        return watch;
    }

    private void FindIn(LayerWatch watch, Session session, int position, ReadOnlySpan<int> tokens)
    {
        while (!tokens.IsEmpty && watch.Layer is null)
        {
            var count = Math.Min(Capacity, tokens.Length);
            Begin();
            Add(session, position, tokens[..count]);
            Execute();
            position += count;
            tokens = tokens[count..];
        }
    }

    private void RequireFinite(int texts, byte** outputs)
    {
        for (var i = 0; i < _model.Outputs.Count; i++)
        {
            var rows = _model.Outputs[i].IsPooled ? texts : (int)_pass.Tokens;
            if (outputs[i] == null || FiniteNumbers.All(new ReadOnlySpan<float>(outputs[i], checked(rows * _model.Outputs[i].Width))))
                continue;
            throw new NonFiniteStatesException(_model.ClassName, RunWatched().Layer);
        }
    }

    /// <summary>Runs the pass that is prepared and looks at every layer.</summary>
    private LayerWatch RunWatched()
    {
        var watch = new LayerWatch();
        _pass.Watch = watch;
        try
        {
            _pass.Team.Run(_forward);
            return watch;
        }
        finally
        {
            _pass.Watch = null;
        }
    }
}
