/** What is kept of buckets and objects (contracts 5.7), in the spelling of the API; times in milliseconds since 1970. */

export interface AclEntry {
  readonly entity: string;
  readonly role: string;
}

export interface Binding {
  readonly role: string;
  readonly members: readonly string[];
  readonly condition?: object;
}

/** Fields of `Bucket` that a caller may set. */
export interface BucketFields {
  readonly location?: string;
  readonly customPlacementConfig?: { readonly dataLocations?: readonly string[] };
  readonly storageClass?: string;
  readonly rpo?: string;
  readonly versioning?: { readonly enabled?: boolean };
  readonly labels?: Readonly<Record<string, string>>;
  readonly lifecycle?: { readonly rule?: readonly LifecycleRule[] };
  readonly cors?: readonly object[];
  readonly website?: object;
  readonly logging?: object;
  readonly billing?: { readonly requesterPays?: boolean };
  readonly retentionPolicy?: {
    readonly retentionPeriod?: string;
    readonly effectiveTime?: string;
    readonly isLocked?: boolean;
  };
  readonly softDeletePolicy?: { readonly retentionDurationSeconds?: string; readonly effectiveTime?: string };
  readonly iamConfiguration?: {
    readonly uniformBucketLevelAccess?: { readonly enabled?: boolean; readonly lockedTime?: string };
    readonly bucketPolicyOnly?: { readonly enabled?: boolean; readonly lockedTime?: string };
    readonly publicAccessPrevention?: string;
  };
  readonly autoclass?: {
    readonly enabled?: boolean;
    readonly toggleTime?: string;
    readonly terminalStorageClass?: string;
    readonly terminalStorageClassUpdateTime?: string;
  };
  readonly defaultEventBasedHold?: boolean;
  readonly objectRetention?: { readonly mode?: string };
}

export interface LifecycleRule {
  readonly action?: { readonly type?: string; readonly storageClass?: string };
  readonly condition?: {
    readonly age?: number;
    readonly createdBefore?: string;
    readonly customTimeBefore?: string;
    readonly daysSinceCustomTime?: number;
    readonly daysSinceNoncurrentTime?: number;
    readonly isLive?: boolean;
    readonly matchesPrefix?: readonly string[];
    readonly matchesSuffix?: readonly string[];
    readonly matchesStorageClass?: readonly string[];
    readonly noncurrentTimeBefore?: string;
    readonly numNewerVersions?: number;
  };
}

export interface NotificationRecord {
  readonly id: string;
  readonly topic: string;
  readonly payload_format: string;
  readonly event_types?: readonly string[];
  readonly custom_attributes?: Readonly<Record<string, string>>;
  readonly object_name_prefix?: string;
}

export interface BucketRecord {
  readonly name: string;
  /** Unique to this bucket, also among those that had its name before; the objects' keys begin with it. */
  readonly generation: string;
  readonly metageneration: number;
  /** The project that made it. */
  readonly projectId: string;
  readonly timeCreated: number;
  readonly updated: number;
  readonly fields: BucketFields;
  readonly acl: readonly AclEntry[];
  readonly defaultObjectAcl: readonly AclEntry[];
  readonly policy: { readonly version: number; readonly bindings: readonly Binding[]; readonly revision: number };
  readonly notifications: readonly NotificationRecord[];
  readonly nextNotification: number;
  readonly softDeleteTime?: number;
  readonly hardDeleteTime?: number;
}

/** Fields of `Object` that a caller may set. */
export interface ObjectFields {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly cacheControl?: string;
  readonly storageClass?: string;
  readonly customTime?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly temporaryHold?: boolean;
  readonly eventBasedHold?: boolean;
  readonly retention?: { readonly mode?: string; readonly retainUntilTime?: string };
}

export interface ObjectRecord {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  readonly metageneration: number;
  /** Name of the file with the bytes. */
  readonly blob: string;
  readonly size: number;
  readonly crc32c: string;
  /** Absent on composites. */
  readonly md5Hash?: string;
  readonly componentCount?: number;
  readonly timeCreated: number;
  readonly updated: number;
  readonly timeStorageClassUpdated: number;
  /** From when the bucket's retention counts: the release of an event-based hold starts it anew. */
  readonly retentionFrom: number;
  readonly fields: ObjectFields;
  readonly acl: readonly AclEntry[];
  /** SHA-256 of the customer-supplied key, base64. */
  readonly keySha256?: string;
  readonly timeDeleted?: number;
  readonly softDeleteTime?: number;
  readonly hardDeleteTime?: number;
}
