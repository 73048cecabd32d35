namespace KernelForge.Sampling;

/// <summary>
/// Tokens that may be drawn. The first <c>_sorted</c> stand in order (best first, of equals the lowest id), the rest is a heap from which
/// the next best is taken as far as it is asked for: top-p mostly needs a few dozen of 50,000.
/// </summary>
internal sealed class Candidates(int vocabulary)
{
    private readonly int[] _ids = new int[vocabulary];
    private readonly double[] _weights = new double[vocabulary];
    private float[] _scores = [];
    private int _count;
    private int _sorted;
    private bool _heaped;

    /// <summary>Starts with all tokens.</summary>
    public void Fill(float[] scores)
    {
        _scores = scores;
        _count = scores.Length;
        _sorted = 0;
        _heaped = false;
        for (var i = 0; i < _count; i++)
            _ids[i] = i;
    }

    /// <summary>Keeps the k best.</summary>
    public void KeepBest(int k)
    {
        if (k >= _count)
            return;
        while (_sorted < k)
            SortNext();
        _count = k;
    }

    /// <summary>Keeps the fewest best whose probabilities reach <paramref name="share"/>.</summary>
    public void KeepProbability(float share)
    {
        var best = Best();
        var total = 0.0;
        for (var i = 0; i < _count; i++)
            total += Exponential.Of(_scores[_ids[i]] - best);
        var sum = 0.0;
        var kept = 0;
        while (kept < _count && sum < share * total)
        {
            if (kept == _sorted)
                SortNext();
            sum += Exponential.Of(_scores[_ids[kept++]] - best);
        }
        _count = kept;
        _sorted = Math.Min(_sorted, kept);
    }

    /// <summary>Keeps those whose probability is at least <paramref name="share"/> of the best one's.</summary>
    public void KeepShareOfBest(float share)
    {
        var best = Best();
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (Exponential.Of(_scores[_ids[i]] - best) >= share)
                _ids[kept++] = _ids[i];
        }
        _count = kept;
        _sorted = 0;
        _heaped = false;
    }

    /// <summary>The token at <paramref name="unit"/> (0 to 1) of the cumulated probabilities.</summary>
    public int Draw(double unit)
    {
        var best = Best();
        var total = 0.0;
        for (var i = 0; i < _count; i++)
            total += _weights[i] = Exponential.Of(_scores[_ids[i]] - best);
        var at = unit * total;
        for (var i = 0; i < _count - 1; i++)
        {
            at -= _weights[i];
            if (at < 0)
                return _ids[i];
        }
        return _ids[_count - 1];
    }

    private float Best()
    {
        var best = float.NegativeInfinity;
        for (var i = 0; i < _count; i++)
            best = Math.Max(best, _scores[_ids[i]]);
        return best;
    }

    private bool Better(int left, int right)
    {
        var a = _scores[left];
        var b = _scores[right];
        return a > b || (a == b && left < right);
    }

    private void SortNext()
    {
        if (!_heaped)
            Heap();
        _sorted++;

        // The heap lies backwards: its root is the last element, so that what leaves it joins the front.
        var root = _ids[_count - 1];
        var displaced = _ids[_sorted - 1];
        _ids[_sorted - 1] = root;
        _ids[_count - 1] = displaced;
        SiftDown(0);
    }

    private void Heap()
    {
        _heaped = true;
        for (var node = ((_count - _sorted) / 2) - 1; node >= 0; node--)
            SiftDown(node);
    }

    private void SiftDown(int node)
    {
        var size = _count - _sorted;
        while ((2 * node) + 1 < size)
        {
            var child = (2 * node) + 1;
            if (child + 1 < size && Better(At(child + 1), At(child)))
                child++;
            if (!Better(At(child), At(node)))
                return;
            (At(node), At(child)) = (At(child), At(node));
            node = child;
        }
    }

    private ref int At(int node) => ref _ids[_count - 1 - node];
}
