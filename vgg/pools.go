package vgg

// PoolsWith reports whether the layer of this name is computed together with a max
// pooling behind it, where its own activations are not asked for: those are then never
// stored.
func (n *Network) PoolsWith(name string) bool { return n.pooled[name] != nil }
